package kind

import (
	"context"
	"strings"

	"go.einride.tech/aip/fieldmask"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/skep-dev/skep/libs/fault"
)

// Update changes the fields of a resource that a mask names, or all that are set
// without a mask (AIP-134). Only the specification and the labels can be changed.
func (c *Collection[R]) Update(ctx context.Context, change R, mask *fieldmaskpb.FieldMask, validateOnly bool) (R, error) {
	old, err := c.Get(change.GetName())
	if err != nil {
		return old, err
	}
	if err := fieldmask.Validate(mask, change); err != nil {
		return old, fault.InvalidFields(fault.Field{Path: "updateMask", Message: err.Error()})
	}
	for _, path := range mask.GetPaths() {
		if path == "*" || path == "spec" || path == "labels" || strings.HasPrefix(path, "spec.") || strings.HasPrefix(path, "labels.") ||
			path == "name" || path == "etag" {
			continue
		}
		return old, fault.InvalidFields(fault.Field{Path: "updateMask", Message: path + " cannot be changed by a client"})
	}
	changed := proto.CloneOf(old)
	fieldmask.Update(mask, changed, change)
	setString(changed, "name", old.GetName())
	setString(changed, "etag", change.GetEtag())
	return c.Apply(ctx, changed, validateOnly)
}
