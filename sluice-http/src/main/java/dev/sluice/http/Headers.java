package dev.sluice.http;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Header fields in their order; immutable. Names compare without regard to case. Values are Latin-1, a byte each char
 * (RFC 9110 section 5.5).
 */
public final class Headers implements Iterable<Headers.Field> {
    /** No field. */
    public static final Headers EMPTY = new Headers(List.of());

    private final List<Field> fields;

    private Headers(List<Field> fields) {
        this.fields = fields;
    }

    /**
     * A field.
     *
     * @param name a token of RFC 9110 section 5.6.2
     * @param value without control characters but tab, so that none can end the line and start another
     */
    public record Field(String name, String value) {
        /** Checks both parts. */
        public Field {
            if (!Chars.isToken(name)) {
                throw new IllegalArgumentException("not a field name: " + Chars.quote(name));
            }
            if (!Chars.isFieldValue(value)) {
                throw new IllegalArgumentException("not a value for " + name + ": " + Chars.quote(value));
            }
        }
    }

    public static Headers of(String name, String value) {
        return new Headers(List.of(new Field(name, value)));
    }

    public static Builder builder() {
        return new Builder();
    }

    /** The first field's value, or null where there is none. */
    public @Nullable String first(String name) {
        for (Field field : fields) {
            if (field.name.equalsIgnoreCase(name)) {
                return field.value;
            }
        }
        return null;
    }

    /** The values of all fields of a name. */
    public List<String> all(String name) {
        List<String> values = new ArrayList<>();
        for (Field field : fields) {
            if (field.name.equalsIgnoreCase(name)) {
                values.add(field.value);
            }
        }
        return Collections.unmodifiableList(values);
    }

    public boolean contains(String name) {
        return first(name) != null;
    }

    public int size() {
        return fields.size();
    }

    public List<Field> fields() {
        return fields;
    }

    @Override
    public Iterator<Field> iterator() {
        return fields.iterator();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Headers headers && fields.equals(headers.fields);
    }

    @Override
    public int hashCode() {
        return fields.hashCode();
    }

    @Override
    public String toString() {
        return fields.toString();
    }

    /** Collects fields. Not safe for use from several threads. */
    public static final class Builder {
        private final List<Field> fields = new ArrayList<>();

        private Builder() {}

        public Builder add(String name, String value) {
            fields.add(new Field(name, value));
            return this;
        }

        /** Replaces all fields of this name. */
        public Builder set(String name, String value) {
            fields.removeIf(field -> field.name.equalsIgnoreCase(name));
            return add(name, value);
        }

        public Headers build() {
            return fields.isEmpty() ? EMPTY : new Headers(List.copyOf(fields));
        }
    }
}
