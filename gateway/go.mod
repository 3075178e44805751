module github.com/skep-dev/skep/gateway

go 1.26.0
