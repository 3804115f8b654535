package harness;

import java.io.*;
import java.nio.file.*;
import java.util.*;
import java.util.regex.Pattern;
import java.util.stream.*;
import org.jacoco.core.analysis.*;
import org.jacoco.core.data.*;
import org.jacoco.core.instr.Instrumenter;
import org.jacoco.core.runtime.*;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.*;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * Runs the tests of folder tests on the classes of folder own, which it instruments in memory. It reads a token from its
 * standard input, and writes one line to its standard output after the last test: token, tests, tests passed, lines with
 * code, lines covered. What the tests print goes to standard error.
 */
public final class Tests {
    private static final Pattern DECLARATION = Pattern.compile("\\b(class|enum|record|interface)\\s+\\w+");

    /** The classes under test first, whatever the answer has under the same name; then the answer's own. */
    private static final class Classes extends ClassLoader {
        private final Map<String, byte[]> own;

        Classes(Map<String, byte[]> own) {
            super(Tests.class.getClassLoader());
            this.own = own;
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            byte[] bytes = own.get(name);
            try {
                if (bytes == null) bytes = Files.readAllBytes(Path.of("tests", name.replace('.', '/') + ".class"));
            } catch (IOException error) {
                throw new ClassNotFoundException(name);
            }
            return defineClass(name, bytes, 0, bytes.length);
        }
    }

    public static void main(String[] arguments) throws Exception {
        String token = new String(System.in.readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII).trim();
        OutputStream report = new FileOutputStream(FileDescriptor.out);
        System.setOut(System.err);
        for (Path file : files("own", ".class")) {
            if (Files.exists(Path.of("tests").resolve(Path.of("own").relativize(file)))) {
                System.err.println("The answer declares a class that it is to test: " + file.getFileName());
                System.exit(1);
            }
        }
        var random = new java.security.SecureRandom();
        String probes = String.format("$%010x", random.nextLong() & 0xffffffffffL);
        IRuntime runtime = new InjectedClassRuntime(Tests.class, String.format("C%016x", random.nextLong()));
        RuntimeData data = new RuntimeData();
        Map<String, byte[]> originals = new TreeMap<>(), instrumented = new HashMap<>();
        for (Path file : files("own", ".class")) {
            byte[] bytes = Files.readAllBytes(file);
            String name = Path.of("own").relativize(file).toString().replace(".class", "").replace('/', '.');
            originals.put(name, bytes);
            instrumented.put(name, renamed(new Instrumenter(runtime).instrument(bytes, name), probes));
        }
        Map<String, List<String>> sources = new HashMap<>();
        for (Path file : files(".", ".java")) sources.putIfAbsent(file.getFileName().toString(), Files.readAllLines(file));
        runtime.startup(data);
        SummaryGeneratingListener seen = new SummaryGeneratingListener();
        Classes loader = new Classes(instrumented);
        for (String name : originals.keySet()) {
            jdk.internal.reflect.Reflection.registerMethodsToFilter(loader.loadClass(name), Set.of(probes));
        }
        Thread.currentThread().setContextClassLoader(loader);
        var request = LauncherDiscoveryRequestBuilder.request()
            .selectors(DiscoverySelectors.selectClasspathRoots(Set.of(Path.of("tests")))).build();
        LauncherFactory.create().execute(request, seen);
        var summary = seen.getSummary();
        summary.printFailuresTo(new PrintWriter(System.err), 5);
        int[] lines = counted(originals, data, sources);
        long tests = summary.getTestsFoundCount() - summary.getTestsSkippedCount() - summary.getTestsAbortedCount();
        long failed = summary.getContainersFailedCount();
        long passed = failed > 0 ? 0 : summary.getTestsSucceededCount();
        report.write(String.format("%n%s %d %d %d %d%n", token, tests, passed, lines[0], lines[1]).getBytes());
        if (arguments.length > 0) System.exit(0);  // an orderly end, where the image is built
        Runtime.getRuntime().halt(0);  // whatever threads the tests have left
    }

    /** The class with another name for the method that gives out its counters: no answer knows it, or finds it. */
    private static byte[] renamed(byte[] bytes, String name) {
        String text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
        return text.replace("$jacocoInit", name).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    private static List<Path> files(String folder, String ending) throws IOException {
        try (Stream<Path> all = Files.walk(Path.of(folder))) {
            return all.filter(path -> path.toString().endsWith(ending)).sorted().collect(Collectors.toList());
        }
    }

    /** Lines with code, and those of them that ran; the constructor that nobody wrote is left out. */
    private static int[] counted(Map<String, byte[]> classes, RuntimeData data, Map<String, List<String>> sources)
            throws IOException {
        ExecutionDataStore store = new ExecutionDataStore();
        data.collect(store, new SessionInfoStore(), false);
        CoverageBuilder builder = new CoverageBuilder();
        Analyzer analyzer = new Analyzer(store, builder);
        for (var entry : classes.entrySet()) analyzer.analyzeClass(entry.getValue(), entry.getKey());
        Map<String, Boolean> lines = new HashMap<>();
        for (IClassCoverage one : builder.getClasses()) {
            List<String> source = sources.getOrDefault(one.getSourceFileName(), List.of());
            for (IMethodCoverage method : one.getMethods()) {
                int first = method.getFirstLine();
                boolean unwritten = method.getName().equals("<init>") && first > 0 && first <= source.size()
                    && method.getFirstLine() == method.getLastLine() && DECLARATION.matcher(source.get(first - 1)).find();
                if (unwritten) continue;
                for (int line = first; line <= method.getLastLine(); line++) {
                    int status = method.getLine(line).getStatus();
                    boolean ran = status == ICounter.FULLY_COVERED || status == ICounter.PARTLY_COVERED;
                    if (status != ICounter.EMPTY) {
                        lines.merge(one.getPackageName() + "/" + one.getSourceFileName() + ":" + line, ran, Boolean::logicalOr);
                    }
                }
            }
        }
        return new int[] {lines.size(), (int) lines.values().stream().filter(ran -> ran).count()};
    }
}
