module github.com/skep-dev/skep/test

go 1.26.0
