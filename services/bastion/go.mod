module github.com/skep-dev/skep/services/bastion

go 1.26.0
