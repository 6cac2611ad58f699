package dev.sluice.style;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames are the same however the bytes of a stream are cut. */
class IntakeTest {
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static @Nullable String take(Intake intake, ByteBuffer input) throws FrameTooLongException {
        ByteBuffer frame = intake.take(input);
        if (frame == null) {
            return null;
        }
        String text = StandardCharsets.ISO_8859_1.decode(frame).toString();
        intake.release(input);
        return text;
    }

    /** Offers a stream in pieces, what is left unread in front of the next as the runtime does. */
    private static List<String> frames(String stream, String delimiter, Random random) throws FrameTooLongException {
        Intake intake = new Intake();
        List<String> frames = new ArrayList<>();
        byte[] all = bytes(stream);
        byte[] end = bytes(delimiter);
        int unread = 0;
        int sent = 0;
        while (sent < all.length) {
            sent += 1 + random.nextInt(Math.min(7, all.length - sent));
            ByteBuffer input = ByteBuffer.wrap(all, unread, sent - unread);
            if (!intake.isWanting()) {
                intake.wantUntil(end, 40);
            }
            for (String frame = take(intake, input); frame != null; frame = take(intake, input)) {
                frames.add(frame);
                intake.wantUntil(end, 40);
            }
            unread = input.position();
        }
        return frames;
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "abab", "-----"})
    void framesAreTheSameHoweverTheyAreCut(String delimiter) throws FrameTooLongException {
        Random random = new Random(7);
        for (int n = 0; n < 500; n++) {
            StringBuilder stream = new StringBuilder();
            List<String> expected = new ArrayList<>();
            for (int i = random.nextInt(6); i >= 0; i--) {
                String frame = "abc\r-".repeat(3).substring(random.nextInt(15));
                String text = stream(frame, delimiter);
                expected.add(text);
                stream.append(text).append(delimiter);
            }
            assertThat(frames(stream.toString(), delimiter, random)).isEqualTo(expected);
        }
    }

    /** What of a text comes before the delimiter, where that is behind it. */
    private static String stream(String text, String delimiter) {
        String whole = text + delimiter;
        return whole.substring(0, whole.indexOf(delimiter));
    }

    @Test
    void aFrameOfTheBoundIsTakenAndALongerOneRefused() throws FrameTooLongException {
        for (int piece = 1; piece < 8; piece++) {
            Intake intake = new Intake();
            intake.wantUntil(bytes("\r\n"), 5);
            assertThat(offer(intake, "12345\r\n", piece)).isEqualTo("12345");
            int size = piece;
            intake.wantUntil(bytes("\r\n"), 5);
            assertThatThrownBy(() -> offer(intake, "123456\r\n", size)).isInstanceOf(FrameTooLongException.class);
        }
    }

    private static @Nullable String offer(Intake intake, String text, int piece) throws FrameTooLongException {
        byte[] all = bytes(text);
        for (int at = 0; at < all.length; at += piece) {
            String frame = take(intake, ByteBuffer.wrap(all, at, Math.min(piece, all.length - at)));
            if (frame != null) {
                return frame;
            }
        }
        return null;
    }

    @Test
    void whatWasGatheredForAWantThatIsGivenUpComesFirst() throws FrameTooLongException {
        Intake intake = new Intake();
        intake.wantUntil(bytes("\n"), 100);
        ByteBuffer input = ByteBuffer.wrap(bytes("ab"));
        assertThat(take(intake, input)).isNull();
        assertThat(input.hasRemaining()).isFalse();
        intake.wantNothing();
        ByteBuffer next = ByteBuffer.wrap(bytes("cd\nef"));
        assertThat(take(intake, next)).isNull();
        intake.wantExactly(1);
        assertThat(take(intake, next)).isEqualTo("a");
        intake.wantExactly(2);
        assertThat(take(intake, next)).isEqualTo("bc");
        intake.wantUntil(bytes("\n"), 100);
        assertThat(take(intake, next)).isEqualTo("d");
        intake.wantSome(100);
        assertThat(take(intake, next)).isEqualTo("ef");
        assertThat(intake.hasGathered()).isFalse();
    }

    @Test
    void nothingIsTakenThatIsNotWanted() throws FrameTooLongException {
        Intake intake = new Intake();
        ByteBuffer input = ByteBuffer.wrap(bytes("abc"));
        assertThat(take(intake, input)).isNull();
        assertThat(input.remaining()).isEqualTo(3);
        intake.wantExactly(0);
        assertThat(take(intake, input)).isEmpty();
        intake.wantSome(2);
        assertThat(take(intake, input)).isEqualTo("ab");
        assertThat(input.remaining()).isEqualTo(1);
    }
}
