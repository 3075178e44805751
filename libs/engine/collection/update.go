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

// Update changes the fields that the mask names, or without a mask all fields that are set
// (AIP-134). Only spec and labels can be changed.
func (c *Collection[R]) Update(ctx context.Context, change R, mask *fieldmaskpb.FieldMask, validateOnly bool) (R, error) {
	return retryOnConflict(ctx, change.GetEtag(), "", func(uid *uidPrecondition) (R, error) { return c.update(ctx, uid, change, mask, validateOnly) })
}

func (c *Collection[R]) update(ctx context.Context, uid *uidPrecondition, change R, mask *fieldmaskpb.FieldMask, validateOnly bool) (R, error) {
	old, _, err := c.find(change.GetName(), uid)
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
	// The change is based on this version; the etag keeps it from reverting a later one.
	object.SetString(changed, "etag", cmp.Or(change.GetEtag(), old.GetEtag()))
	return c.apply(ctx, uid, changed, validateOnly)
}

// applyMask returns old with the masked fields of spec and labels changed. It returns a fault for
// a mask with any other path.
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
