package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.sluice.UringOptions.Direct;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class UringSwitchTest {
    @Test
    void readsEverySwitch() {
        UringOptions options = UringSwitch.parse("direct=on,multishot=off,taskrun=coop,buffers=64x4096,incremental=off,"
                + "entries=256x1024,send-zc=16384,sqpoll=10,spin=50,napi=20,rings=3");
        assertThat(options)
                .isEqualTo(UringOptions.builder()
                        .direct(Direct.ON)
                        .multishot(false)
                        .level(2)
                        .buffers(64, 4096)
                        .incremental(false)
                        .entries(256, 1024)
                        .zeroCopy(16384)
                        .sqPoll(10)
                        .spin(50)
                        .napi(20)
                        .rings(3)
                        .build());
        assertThat(options.toBuilder().build()).isEqualTo(options);
    }

    @Test
    void leavesWhatIsNotNamedAtTheStandard() {
        UringOptions parsed = UringSwitch.parse("send-zc=off,sqpoll=off,spin=off,napi=off,direct=auto,taskrun=defer");
        assertThat(parsed).isEqualTo(UringOptions.standard());
        assertThat(parsed.isStandard()).isTrue();
        assertThat(UringSwitch.parse("direct=on").isStandard()).isFalse();
    }

    @Test
    void isRefusedWhereTheModelHasNoRing() {
        Options options =
                Options.builder().uring(UringSwitch.parse("direct=on")).build();
        assertThatThrownBy(() -> OptionChecks.require(Models.find("epoll").orElseThrow(), options))
                .hasMessage("model epoll has none of io_uring's switches (--uring): leave them out, or take io_uring");
        OptionChecks.require(Models.find("io_uring").orElseThrow(), options);
        OptionChecks.require(Models.find("virtual/io_uring").orElseThrow(), options);
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                arguments("turbo=on", "io_uring has no switch 'turbo'; there are direct=auto|on|off,"),
                arguments("direct", "'direct' is no switch: write NAME=VALUE; there are direct="),
                arguments("direct=maybe", "switch direct takes auto|on|off"),
                arguments("multishot=yes", "switch multishot takes on|off"),
                arguments("buffers=64", "switch buffers takes COUNTxBYTES"),
                arguments("buffers=63x64", "buffers: 63 is no power of two"),
                arguments("spin=fast", "switch spin takes US|off, not 'fast'"),
                arguments("spin=99999999999", "switch spin takes US|off, not '99999999999'"),
                arguments("rings=0", "rings of a loop: 0 is not within 1 to 1024"),
                arguments("taskrun=never", "switch taskrun takes defer|coop"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void namesWhatIsWrongAndWhatIsValid(String text, String message) {
        assertThatThrownBy(() -> UringSwitch.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }
}
