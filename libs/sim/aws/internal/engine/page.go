package engine

import "strconv"

// Page returns one page of resources, in order of creation, for services that page by marker. The page has at most size
// resources; a nil size means limit, which is also the largest size. The marker is the sequence number of the last
// resource of the page before.
func Page[T Attributes](resources []*Resource[T], size *int32, limit int, marker *string) ([]*Resource[T], *string, error) {
	if size != nil {
		if *size < 1 || int(*size) > limit {
			return nil, nil, ValidationError("Page size %d is not between 1 and %d", *size, limit)
		}
		limit = int(*size)
	}
	if marker != nil && *marker != "" {
		after, err := strconv.ParseUint(*marker, 10, 64)
		if err != nil {
			return nil, nil, ValidationError("The marker %q is invalid", *marker)
		}
		for len(resources) > 0 && resources[0].Seq <= after {
			resources = resources[1:]
		}
	}
	if len(resources) <= limit {
		return resources, nil, nil
	}
	next := strconv.FormatUint(resources[limit-1].Seq, 10)
	return resources[:limit], &next, nil
}
