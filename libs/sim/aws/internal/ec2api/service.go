package ec2api

import (
	"strings"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// NewService returns the service EC2 with the operations on tags. The packages vpc and instance add the others.
func NewService() *engine.Service {
	s := &engine.Service{
		ID:         "EC2",
		Quotas:     map[string]int{"FilterValuesPerRequest": 200},
		Limits:     limits,
		Throttled:  engine.Refuse("RequestLimitExceeded", "Request limit exceeded."),
		UnknownKey: engine.Refuse("AuthFailure", "AWS was not able to validate the provided access credentials"),
		ARN:        arnOf,
	}
	s.AddTypes(tokens)
	handleTags(s)
	handleZones(s)
	return s
}

// arnOf names a resource that EC2 can tag: the tagging API lists no others.
func arnOf(e *engine.LedgerEntry, t engine.Type) (arn, resourceType string) {
	if t.TagType == "" {
		return "", ""
	}
	return strings.Join([]string{"arn:aws:ec2", e.Region, e.Account, t.TagType + "/" + e.ID}, ":"), "ec2:" + t.TagType
}

// DependencyViolation is the error for the delete of a resource that another resource uses.
func DependencyViolation(noun, id string) error {
	return engine.Refuse("DependencyViolation", "The %s '%s' has dependencies and cannot be deleted.", noun, id)
}
