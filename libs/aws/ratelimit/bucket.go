package ratelimit

import "strings"

// Global is the region of the buckets that all regions of an account share.
const Global = "global"

// Installation is the account that Skep itself runs in, for calls that count against its limits.
const Installation = "installation"

// Bucket names one token bucket of one account.
type Bucket struct {
	// Account is the name of the account in Skep; Region is the AWS region or Global.
	Account, Region string
	// Service is the AWS service by the prefix of its endpoint, such as `ec2`.
	Service string
	// Family is the family of the service.
	Family string
}

// segment separates the account from the budget in the name of a budget.
const segment = "/budgets/"

// Budget returns the name of the budget that contains the bucket, such as
// `organizations/demo/accounts/main/budgets/eu-central-1-ec2`.
func (b Bucket) Budget() string { return b.Account + segment + b.Region + "-" + b.Service }

// BucketOf returns the bucket of a family in the budget with this name. It returns the zero Bucket for a name that is
// no budget name.
func BucketOf(name, family string) Bucket {
	account, id, _ := strings.Cut(name, segment)
	dash := strings.LastIndexByte(id, '-')
	if dash < 0 {
		return Bucket{}
	}
	return Bucket{Account: account, Region: id[:dash], Service: id[dash+1:], Family: family}
}
