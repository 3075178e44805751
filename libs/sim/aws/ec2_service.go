package aws

import (
	"strings"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// NewEC2Service returns the service EC2 with the operations on tags. The packages vpc and instance add the others.
func NewEC2Service() *engine.Service {
	s := &engine.Service{
		ID:         "EC2",
		Quotas:     map[string]int{"FilterValuesPerRequest": 200},
		Limits:     ec2Limits,
		Throttled:  engine.Refuse("RequestLimitExceeded", "Request limit exceeded."),
		UnknownKey: engine.Refuse("AuthFailure", "AWS was not able to validate the provided access credentials"),
		ARN:        ec2ARN,
	}
	s.AddTypes(tokens)
	handleTag(s)
	return s
}

// ec2ARN names a resource that EC2 can tag: the tagging API lists no others.
func ec2ARN(e *engine.Entry, t engine.Type) (arn, resourceType string) {
	if t.TagType == "" {
		return "", ""
	}
	return strings.Join([]string{"arn:aws:ec2", e.Region, e.Account, t.TagType + "/" + e.ID}, ":"), "ec2:" + t.TagType
}

// dependencyViolation is the error for the delete of a resource that another resource uses.
func dependencyViolation(noun, id string) error {
	return engine.Refuse("DependencyViolation", "The %s '%s' has dependencies and cannot be deleted.", noun, id)
}
