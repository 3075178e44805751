package compute

import (
	"strings"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// tooNew converts the refusal of a new instance profile into a fault that Skep retries; it returns other errors
// unchanged. EC2 learns of a new profile some seconds after IAM, and AWS has no specific error code for it:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html.
func tooNew(err error) error {
	if err == nil || !strings.Contains(err.Error(), "Invalid IAM Instance Profile") {
		return err
	}
	f := *fault.Of(err)
	f.Kind, f.Class = fault.Unavailable, fault.Dependency
	f.Remedy = "None needed: EC2 learns of a new instance profile after some seconds, and Skep retries."
	return f.Because(err)
}
