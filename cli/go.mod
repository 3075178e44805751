module github.com/skep-dev/skep/cli

go 1.26.0
