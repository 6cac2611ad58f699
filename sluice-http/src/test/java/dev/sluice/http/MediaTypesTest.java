package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MediaTypesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a.html|text/html; charset=utf-8",
                "A.HTM|text/html; charset=utf-8",
                "a.min.js|text/javascript; charset=utf-8",
                "a.svg|image/svg+xml",
                "a.JPG|image/jpeg",
                "a.json|application/json",
                "a.wasm|application/wasm",
                "a.tar.gz|application/gzip",
                "a|application/octet-stream",
                "a.|application/octet-stream",
                "a.html/b|application/octet-stream",
                "a.unknown|application/octet-stream",
            })
    void knowsMediaTypes(String name, String type) {
        assertThat(MediaTypes.of(name)).isEqualTo(type);
    }
}
