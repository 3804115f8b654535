# What writes results, compiled once; the classes of the compiler and of a small program, shared ready-made (CDS).
set -eu
cd /opt/language
jars=/usr/share/java/javatuples.jar
ln -s "$(dirname "$(dirname "$(readlink -f /usr/bin/javac)")")" jdk
mkdir classes
javac -cp $jars -d classes Wire.java
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
rm -r Warm.java classes results.out
