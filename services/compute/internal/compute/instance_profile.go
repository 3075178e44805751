package compute

import (
	"strings"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// tooNew turns the refusal of an instance profile into a wait. IAM shows a new
// one to EC2 some seconds late, see
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html,
// and AWS has no code of its own for it.
func tooNew(err error) error {
	if err == nil || !strings.Contains(err.Error(), "Invalid IAM Instance Profile") {
		return err
	}
	f := *fault.Of(err)
	f.Kind, f.Class = fault.Unavailable, fault.Dependency
	f.Remedy = "Nothing to do: IAM shows a new instance profile some seconds late, and it is tried again."
	return f.Because(err)
}
