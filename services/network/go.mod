module github.com/skep-dev/skep/services/network

go 1.26.0

require (
	github.com/aws/aws-sdk-go-v2 v1.47.6
	github.com/aws/aws-sdk-go-v2/service/ec2 v1.344.0
	github.com/skep-dev/skep/libs v0.0.0
	github.com/skep-dev/skep/proto v0.0.0
	github.com/stretchr/testify v1.12.1
)

replace (
	github.com/skep-dev/skep/libs => ../../libs
	github.com/skep-dev/skep/proto => ../../proto
)
