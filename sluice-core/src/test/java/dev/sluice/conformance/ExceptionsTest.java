package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.Availability;
import dev.sluice.Model;
import dev.sluice.Model.Ability;
import dev.sluice.Models;
import dev.sluice.Server;
import dev.sluice.UnavailableException;
import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** The suite itself: that it is whole, and that its table of exceptions tells what is so. */
@DisplayName("The suite")
class ExceptionsTest {
    private static List<Method> behaviours() throws IOException, URISyntaxException {
        Path folder = Path.of(ExceptionsTest.class.getResource("").toURI());
        List<Method> behaviours = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith("Test.class")) {
                    addBehaviours(name.substring(0, name.length() - 6), behaviours);
                }
            }
        }
        return behaviours;
    }

    private static void addBehaviours(String className, List<Method> behaviours) {
        try {
            Class<?> type = Class.forName(ExceptionsTest.class.getPackageName() + "." + className);
            if (type.isAnnotationPresent(OnEveryModel.class)) {
                Stream.of(type.getDeclaredMethods())
                        .filter(m ->
                                m.isAnnotationPresent(Test.class) || m.isAnnotationPresent(ParameterizedTest.class))
                        .forEach(behaviours::add);
            }
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static Set<Ability> needs(Method behaviour) {
        Set<Ability> needs = EnumSet.noneOf(Ability.class);
        for (AnnotatedElement element : List.of(behaviour, behaviour.getDeclaringClass())) {
            Needs needed = element.getAnnotation(Needs.class);
            if (needed != null) {
                needs.addAll(List.of(needed.value()));
            }
        }
        return needs;
    }

    private static String nameOf(Method behaviour) {
        return behaviour.getDeclaringClass().getSimpleName() + "." + behaviour.getName();
    }

    @Test
    @DisplayName("asks every model for at least sixty behaviours")
    void enough() throws Exception {
        assertThat(behaviours()).hasSizeGreaterThanOrEqualTo(60);
    }

    @Test
    @DisplayName(
            "has no stale exception: each is of a model that there is, and of a behaviour that it would be asked for")
    void noneIsStale() throws Exception {
        List<Method> behaviours = behaviours();
        for (Exceptions.Row row : Exceptions.rows()) {
            Model model = Models.find(row.model()).orElseThrow(() -> new AssertionError("no such model: " + row));
            assertThat(row.reason()).isNotBlank();
            Ability ability = row.ability();
            if (ability != null) {
                assertThat(model.can(ability))
                        .as("can do what is excepted: " + row)
                        .isFalse();
                assertThat(behaviours)
                        .as("a behaviour that needs " + ability)
                        .anyMatch(b -> needs(b).contains(ability));
            } else {
                assertThat(behaviours)
                        .as(row.toString())
                        .anyMatch(b -> nameOf(b).equals(row.behaviour()));
            }
        }
    }

    @Test
    @DisplayName("leaves no behaviour out without a reason")
    void nothingInSilence() throws Exception {
        for (Method behaviour : behaviours()) {
            for (Model model : Models.all()) {
                boolean able = model.abilities().containsAll(needs(behaviour));
                boolean excepted = Exceptions.reason(model, nameOf(behaviour), needs(behaviour))
                        .isPresent();
                assertThat(able || excepted)
                        .as(model.name() + " lacks what " + nameOf(behaviour) + " needs, for no reason given")
                        .isTrue();
            }
        }
    }

    @Test
    @DisplayName("tells all exceptions of the simulation in docs/simulation.md, and no others")
    void simulationsAreTold() throws Exception {
        List<String> told = Files.readAllLines(Path.of("../docs/simulation.md")).stream()
                .dropWhile(line -> !line.equals("## Conformance"))
                .filter(line -> line.startsWith("| ") && line.contains("`"))
                .toList();
        List<String> rows = Exceptions.rows().stream()
                .filter(row -> row.model().equals("sim"))
                .map(row -> row.ability() == null
                        ? "| `" + row.behaviour() + "` | " + row.reason() + " |"
                        : "| those that need `" + row.ability() + "` | " + row.reason() + " |")
                .toList();
        assertThat(told).containsExactlyInAnyOrderElementsOf(rows);
    }

    @Test
    @DisplayName("an unknown model is refused with the names of those that there are")
    void unknownModel() {
        Server.Builder builder = Server.builder(c -> Actor.echo(c, line -> {})).model("epol");
        assertThatThrownBy(builder::start)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'epol'")
                .hasMessageContaining("epoll")
                .hasMessageContaining("auto");
    }

    @Test
    @DisplayName("a model that this machine can't run is refused with the reason and the cure")
    void unavailableModel() {
        for (Model model : Models.all()) {
            Availability availability = model.availability();
            if (!availability.available()) {
                assertThatThrownBy(() -> Models.choose(model.name()))
                        .isInstanceOf(UnavailableException.class)
                        .hasMessageContaining(model.name())
                        .hasMessageContaining(availability.reason())
                        .hasMessageContaining(availability.cure());
                assertThat(availability.reason()).isNotBlank();
                assertThat(availability.cure()).isNotBlank();
            }
        }
    }

    @Test
    @DisplayName("auto takes a model that this machine can run, and says why not a better one")
    void auto() {
        Model chosen = Models.choose("auto");
        assertThat(chosen.availability().available()).isTrue();
        assertThat(Models.passedOver(chosen))
                .allSatisfy(line -> assertThat(line).contains(": "));
    }
}
