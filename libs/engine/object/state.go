package object

import (
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

// The states that the API sets. The reconciler derives all others.
const (
	Creating = typev1.State_CREATING
	Deleting = typev1.State_DELETING
)
