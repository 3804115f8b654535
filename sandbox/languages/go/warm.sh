# The compiler and linker without the go command around them, and where the standard library's packages lie.
set -eu
cd /opt/language
tools=$(go env GOTOOLDIR)
ln -s "$tools/compile" "$tools/link" "$tools/cover" .
export GOCACHE=/opt/language/cache
go list -export -f '{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}' std > importcfg
echo "packagefile candidate=candidate.a" >> importcfg
go build -o build-tests testing.go
