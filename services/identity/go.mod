module github.com/skep-dev/skep/services/identity

go 1.26.0
