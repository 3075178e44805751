package aws

import (
	"strconv"
)

// cut is a page of rows in order of creation for the services other than EC2: at most as many as were asked for, and never
// more than most. The marker of the next page is where it begins.
func cut[T thing](rows []*row[T], size *int32, most int, marker *string) ([]*row[T], *string, error) {
	limit := most
	if size != nil {
		if *size < 1 || int(*size) > most {
			return nil, nil, refuse("ValidationError", "Page size %d is not between 1 and %d", *size, most)
		}
		limit = int(*size)
	}
	if marker != nil && *marker != "" {
		after, err := strconv.ParseUint(*marker, 10, 64)
		if err != nil {
			return nil, nil, refuse("ValidationError", "The marker %q is invalid", *marker)
		}
		for len(rows) > 0 && rows[0].Seq <= after {
			rows = rows[1:]
		}
	}
	if len(rows) <= limit {
		return rows, nil, nil
	}
	next := strconv.FormatUint(rows[limit-1].Seq, 10)
	return rows[:limit], &next, nil
}
