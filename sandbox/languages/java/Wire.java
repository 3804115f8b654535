package harness;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.stream.*;

/** Results as text: values that equals() holds equal have the same text; "?" marks what equals nothing. */
public final class Wire {
    private final FileOutputStream file;

    public Wire() throws IOException {
        file = new FileOutputStream("results.out");
    }

    /** A result that the test compares by ==: numbers of different types can be equal. */
    public void same(long value) { line(Long.toString(value)); }

    public void same(double value) {
        boolean whole = Math.abs(value) < 9e15 && value == Math.rint(value);
        line(Double.isNaN(value) ? "?nan" : whole ? Long.toString((long) value) : Double.toHexString(value));
    }

    public void same(boolean value) { line(Boolean.toString(value)); }

    public void same(Object value) {
        if (value instanceof Boolean b) same(b.booleanValue());
        else if (value instanceof Float || value instanceof Double) same(((Number) value).doubleValue());
        else if (value instanceof Number n) same(n.longValue());
        else line(value == null ? "null" : "?" + text(value));
    }

    /** A result that the test compares by equals(). */
    public void equal(Object value) { line(text(value)); }

    /** One line, as it is. */
    public void line(String shown) {
        try {
            file.write((shown + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    private static String text(Object value) {
        if (value == null) return "null";
        if (value instanceof String s) return quoted(s);
        if (value instanceof Optional<?> o) return o.isPresent() ? joined("some", Stream.of(o.get()), false) : "none";
        if (value instanceof List<?> l) return joined("list", l.stream(), false);
        if (value instanceof Set<?> s) return joined("set", s.stream(), true);
        if (value instanceof Map<?, ?> m) {
            return joined("map", m.entrySet().stream().map(e -> Arrays.asList(e.getKey(), e.getValue())), true);
        }
        if (value instanceof org.javatuples.Tuple t) return joined(t.getClass().getSimpleName(), t.toList().stream(), false);
        if (value instanceof Number || value instanceof Boolean || value instanceof Character) {
            return value.getClass().getSimpleName() + "(" + quoted(value.toString()) + ")";
        }
        return "?" + value.getClass().getName();
    }

    private static String joined(String kind, Stream<?> parts, boolean sorted) {
        Stream<String> texts = parts.map(Wire::text);
        List<String> all = (sorted ? texts.sorted() : texts).collect(Collectors.toList());
        return (all.stream().anyMatch(t -> t.startsWith("?")) ? "?" : "") + kind + "(" + String.join(",", all) + ")";
    }

    private static String quoted(String text) {
        StringBuilder shown = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c >= 32 && c < 127 && c != '"' && c != '\\') shown.append(c);
            else shown.append(String.format("\\u%04x", (int) c));
        }
        return shown.append('"').toString();
    }
}
