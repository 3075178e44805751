package collection

import (
	"cmp"
	"context"
	"strings"

	"go.einride.tech/aip/fieldmask"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/validation"
)

// Update changes the fields of a resource that a mask names, or all that are set
// without a mask (AIP-134). Only the specification and the labels can be changed.
func (c *Collection[R]) Update(ctx context.Context, change R, mask *fieldmaskpb.FieldMask, validateOnly bool) (R, error) {
	return retryOnConflict(ctx, change.GetEtag(), "", func(of *uidPrecondition) (R, error) { return c.update(ctx, of, change, mask, validateOnly) })
}

func (c *Collection[R]) update(ctx context.Context, of *uidPrecondition, change R, mask *fieldmaskpb.FieldMask, validateOnly bool) (R, error) {
	old, _, err := c.find(change.GetName(), of)
	if err != nil {
		return old, err
	}
	changed, err := applyMask(old, change, mask)
	if err != nil {
		return old, err
	}
	if err := validation.Resource(changed); err != nil {
		return old, err
	}
	// The change was made to this version, and would undo what came after it.
	object.SetString(changed, "etag", cmp.Or(change.GetEtag(), old.GetEtag()))
	return c.apply(ctx, of, changed, validateOnly)
}

// applyMask is a resource with the change made to what the mask names of its
// specification and labels. A mask that names anything else is a fault on it.
func applyMask[R object.Object](old, change R, mask *fieldmaskpb.FieldMask) (R, error) {
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
	all, changed := proto.CloneOf(old), proto.CloneOf(old)
	fieldmask.Update(mask, all, proto.CloneOf(change))
	copyField(changed, all, "spec")
	copyField(changed, all, "labels")
	return changed, nil
}
