# The compiler and linker without the go command around them, and where the standard library's packages lie.
set -eu
tools=$(go env GOTOOLDIR)
ln -s "$tools/compile" "$tools/link" "$tools/cover" "$(go env GOROOT)/bin/go" /opt/language/
export GOCACHE=/opt/language/cache
go list -export -f '{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}' std > /opt/language/importcfg
echo "packagefile candidate=candidate.a" >> /opt/language/importcfg
