# What writes results, compiled once; and the one entry of /proc that rustc looks for itself by.
set -eu
cd /opt/language
rustc --edition 2021 -O --crate-type rlib --crate-name harness_wire wire.rs
mkdir -p proc/self
ln -s /usr/bin/rustc proc/self/exe
