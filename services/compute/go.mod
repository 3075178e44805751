module github.com/skep-dev/skep/services/compute

go 1.26.0
