package engine

import (
	"fmt"
	"maps"
	"slices"
)

// CheckQuota returns the error of AWS with the code if there are as many as the quota allows already. It panics if no
// service has the quota.
func (c *Call) CheckQuota(quota string, have int, code, format string, args ...any) error {
	limit, ok := c.engine.options.Quotas[quota]
	if !ok {
		limit, ok = c.engine.catalog.quotas[quota]
	}
	if !ok {
		panic(fmt.Sprintf("awssim: there is no quota %s, only %v", quota, slices.Sorted(maps.Keys(c.engine.catalog.quotas))))
	}
	if have < limit {
		return nil
	}
	return Refuse(code, format, args...)
}
