# What writes results, compiled once.
set -eu
cd /opt/language
rustc --edition 2021 -O --crate-type rlib --crate-name harness_wire wire.rs
