module github.com/skep-dev/skep/services/ingress

go 1.26.0
