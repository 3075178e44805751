module github.com/skep-dev/skep/services/network

go 1.26.0
