# The standard library's headers, parsed once.
set -eu
g++ -std=c++17 -x c++-header /opt/language/wire.hpp -o /opt/language/wire.hpp.gch
