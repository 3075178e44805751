package ratelimit

import "strings"

// Global is the region of the buckets that all regions of an account share.
const Global = "global"

// Installation is the account that Skep itself runs in, for calls that are
// charged to it.
const Installation = "installation"

// Bucket names one token bucket of one account.
type Bucket struct {
	// Account is the account by its name in Skep, Region the AWS region or Global.
	Account, Region string
	// Service is the AWS service by the prefix of its endpoint, such as `ec2`.
	Service string
	// Family is the family of the service.
	Family string
}

// segment is the collection of budgets within a name.
const segment = "/budgets/"

// Budget is the name of the budget that the bucket is of, such as
// `organizations/demo/accounts/main/budgets/eu-central-1-ec2`.
func (b Bucket) Budget() string { return b.Account + segment + b.Region + "-" + b.Service }

// BucketOf is the bucket of a family of the budget of this name. A name that is
// none gives an empty one.
func BucketOf(name, family string) Bucket {
	account, id, _ := strings.Cut(name, segment)
	dash := strings.LastIndexByte(id, '-')
	if dash < 0 {
		return Bucket{}
	}
	return Bucket{Account: account, Region: id[:dash], Service: id[dash+1:], Family: family}
}
