# What runs programs and tests, compiled once; the classes that it and the compiler need, shared ready-made (CDS). Tests run
# on a JVM without the modules by which a program can look into its own memory: management, unsafe, attach, agents.
set -eu
cd /opt/language
place=/usr/share/java
ln -s "$(dirname "$(dirname "$(readlink -f /usr/bin/javac)")")" jdk
tests=$place/junit-jupiter-api.jar:$place/junit-jupiter-params.jar:$place/apiguardian-api.jar:$place/opentest4j.jar
tests=$tests:$place/junit-platform-commons.jar
runner=$place/junit-jupiter-engine.jar:$place/junit-platform-engine.jar:$place/junit-platform-launcher.jar
runner=$runner:$place/org.jacoco.core.jar:$place/asm.jar:$place/asm-commons.jar:$place/asm-tree.jar:$place/asm-analysis.jar
runner=$runner:$place/univocity-parsers.jar
jars=$place/javatuples.jar
mkdir classes own tests
jdk/bin/jlink --no-header-files --no-man-pages --add-modules java.base,java.logging,java.net.http,java.sql,java.xml,jdk.localedata \
  --output jvm
jvm/bin/java -Xshare:dump
hidden="--add-exports java.base/jdk.internal.reflect=ALL-UNNAMED"
javac $hidden -cp $jars:$tests:$runner -d classes Wire.java Tests.java
cat > Warm.java <<'END'
package harness;
public class Warm {
    public static void main(String[] arguments) throws Exception {
        Wire out = new Wire();
        out.equal(new java.util.ArrayList<Long>(java.util.Arrays.asList(1L, 2L)));
        out.equal(java.util.Optional.of("text"));
        out.same(1);
    }
}
END
common="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
jdk/bin/javac -J-XX:ArchiveClassesAtExit=javac.jsa $(printf -- '-J%s ' $common) -cp classes:$jars -d classes Warm.java
jar --create --file harness.jar -C classes .
jdk/bin/java -XX:ArchiveClassesAtExit=java.jsa $common -cp /opt/language/harness.jar:$jars harness.Warm
printf 'class Own {\n  static int one() { return 1; }\n}\n' > Own.java
printf 'class OwnTest { @org.junit.jupiter.api.Test void one() { org.junit.jupiter.api.Assertions.assertEquals(1, Own.one()); } }\n' > OwnTest.java
javac -source 11 -target 11 -nowarn -d own Own.java
javac -cp own:$tests -d tests OwnTest.java
echo "$hidden -cp /opt/language/harness.jar:$tests:$runner" > runner.options
echo "-cp own:$tests" > tests.options
echo token | jvm/bin/java -XX:ArchiveClassesAtExit=tests.jsa $common @runner.options harness.Tests orderly
rm -rf Warm.java Own.java OwnTest.java classes own tests
