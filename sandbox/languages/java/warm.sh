# What writes results, compiled once; the classes of the compiler and of a small program, shared ready-made (CDS).
set -eu
cd /opt/language
jars=/usr/share/java/javatuples.jar
mkdir classes
javac -cp $jars -d classes Wire.java
printf 'class Warm { public static void main(String[] a) throws Exception { var w = new harness.Wire(); w.equal(java.util.List.of(1, "a")); w.same(1); } }\n' > Warm.java
javac -J-XX:ArchiveClassesAtExit=javac.jsa -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC -cp classes:$jars -d warm Warm.java
java -XX:ArchiveClassesAtExit=java.jsa -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp classes:$jars:warm Warm
rm -r Warm.java warm results.out
chmod a+r javac.jsa java.jsa
