package dev.sluice.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.sluice.Client;
import dev.sluice.Model;
import dev.sluice.Models;
import dev.sluice.Server;
import dev.sluice.threading.DomainMember;
import dev.sluice.threading.VirtualThreads;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;

/** The layers of docs/design.md, section 2, held against the bytecode of all modules. */
@AnalyzeClasses(
        packages = "dev.sluice",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestJars.class})
class ArchitectureTest {
    private static final String CONTRACT = "dev.sluice";
    private static final String OS = "dev.sluice.os..";
    private static final String ENGINE = "dev.sluice.engine..";
    private static final String THREADING = "dev.sluice.threading..";
    private static final String STYLE = "dev.sluice.style..";
    private static final String HTTP = "dev.sluice.http..";
    private static final String ADMIN = "dev.sluice.admin..";
    private static final String PROXY = "dev.sluice.proxy..";
    private static final String CLI = "dev.sluice.cli..";
    /** What is above the world, which is core's {@code dev.sluice.sim} and nothing below that. */
    private static final String[] SIMULATION = {
        "dev.sluice.sim.scenes..", "dev.sluice.sim.campaign..", "dev.sluice.sim.junit.."
    };

    @ArchTest
    static final ArchRule onlyOsTouchesTheLinker = noClasses()
            .that()
            .resideOutsideOfPackage(OS)
            .should()
            .dependOnClassesThat(belongToAnyOf(Linker.class, SymbolLookup.class, FunctionDescriptor.class))
            .because("native calls are bound in one place; others may read memory through a MemorySegment");

    @ArchTest
    static final ArchRule nothingLoadsALibrary = noClasses()
            .should()
            .callMethod(System.class, "loadLibrary", String.class)
            .orShould()
            .callMethod(System.class, "load", String.class)
            .because("there is no native build");

    @ArchTest
    static final ArchRule osImportsNoOtherLayer = noClasses()
            .that()
            .resideInAPackage(OS)
            .should()
            .dependOnClassesThat(resideInAnyPackage(CONTRACT, ENGINE, THREADING, HTTP, CLI))
            .because("the kernel's bindings hold no policy");

    @ArchTest
    static final ArchRule coreImportsNothingAbove = noClasses()
            .that()
            .resideInAnyPackage(CONTRACT, ENGINE, THREADING)
            .should()
            .dependOnClassesThat(resideInAnyPackage(HTTP, CLI))
            .because("imports run downwards");

    @ArchTest
    static final ArchRule httpImportsOnlyTheContract = noClasses()
            .that()
            .resideInAPackage(HTTP)
            .should()
            .dependOnClassesThat(resideInAnyPackage(OS, ENGINE, THREADING, CLI))
            .because("a protocol knows its connection and no model");

    @ArchTest
    static final ArchRule theProxyImportsOnlyTheContractAndHttp = noClasses()
            .that()
            .resideInAPackage(PROXY)
            .should()
            .dependOnClassesThat(resideInAnyPackage(OS, ENGINE, THREADING, CLI))
            .because("a proxy is a protocol on both sides: it runs on every model that dials, and knows none");

    @ArchTest
    static final ArchRule httpKnowsNoProxy = noClasses()
            .that()
            .resideInAPackage(HTTP)
            .should()
            .dependOnClassesThat(resideInAPackage(PROXY))
            .because("imports run downwards");

    @ArchTest
    static final ArchRule httpIsSansIo = noClasses()
            .that()
            .resideInAPackage(HTTP)
            .should()
            .dependOnClassesThat(resideInAPackage("java.nio.channels.."))
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .because("descriptors and the clock reach a session through its connection");

    @ArchTest
    static final ArchRule cliReachesNoEngine = noClasses()
            .that()
            .resideInAPackage(CLI)
            .should()
            .dependOnClassesThat(resideInAnyPackage(OS, ENGINE, THREADING))
            .because("the command line has no logic of its own");

    @ArchTest
    static final ArchRule adminSeesWhatAServerTells = noClasses()
            .that()
            .resideInAPackage(ADMIN)
            .should()
            .dependOnClassesThat(resideInAnyPackage(OS, ENGINE, THREADING, CLI))
            .because("it is written against a server's public reports, as a user's would be");

    @ArchTest
    static final ArchRule enginesKnowNoThreading = noClasses()
            .that()
            .resideInAPackage(ENGINE)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(THREADING)
            .because("how an operation waits and who runs the loops are two axes");

    @ArchTest
    static final ArchRule stylesStandOnTheContract = noClasses()
            .that()
            .resideInAPackage(STYLE)
            .should()
            .dependOnClassesThat(resideInAnyPackage(OS, ENGINE, HTTP, CLI))
            .orShould()
            .dependOnClassesThat(
                    resideInAPackage(THREADING).and(not(belongToAnyOf(VirtualThreads.class, DomainMember.class))))
            .because(
                    "a style is a way to write a session; only scheduling virtual threads in its domain is the runtime's");

    @ArchTest
    static final ArchRule onlyTheCommandLineImportsSimulation = noClasses()
            .that(not(resideInAnyPackage(SIMULATION)).and(not(resideInAPackage(CLI))))
            .should()
            .dependOnClassesThat(resideInAnyPackage(SIMULATION))
            .because("imports run downwards");

    @ArchTest
    static final ArchRule simulationReachesNoEngine = noClasses()
            .that(resideInAnyPackage(SIMULATION))
            .should()
            .dependOnClassesThat(resideInAnyPackage(OS, ENGINE, THREADING, CLI))
            .because("scenes are written against the contract and the world, as users' are");

    @ArchTest
    static final ArchRule onlyTheExtensionKnowsJUnit = noClasses()
            .that()
            .resideOutsideOfPackage("dev.sluice.sim.junit..")
            .should()
            .dependOnClassesThat(resideInAPackage("org.junit.."))
            .because("who simulates without JUnit needs none");

    @ArchTest
    static final ArchRule theContractKnowsNoModel = noClasses()
            .that(resideInAPackage(CONTRACT)
                    .and(not(belongToAnyOf(Server.class, Client.class, Model.class, Models.class))))
            .should()
            .dependOnClassesThat(resideInAnyPackage(ENGINE, THREADING, OS))
            .because(
                    "sessions are written against the contract alone; only the entry points and the table name models");

    @ArchTest
    static final ArchRule namesSayWhatAThingIs = classes()
            .should()
            .haveNameNotMatching(".*(Manager|Helper|Util|Utils|Impl|Context|Legacy)(\\$.*)?")
            .andShould()
            .haveNameNotMatching(".*[.$](Abstract|Base|Default)[A-Z][^.]*")
            .because("these words tell nothing");

    /** The HTTP tests' jar, whose probes run against live servers here. */
    static final class NoTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }
}
