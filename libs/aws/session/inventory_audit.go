package session

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
)

// inventoryAge is how long a roll call is good for. All clusters that ask in this time
// are served by one, and what was deleted by hand is told at the next.
const inventoryAge = 10 * time.Minute

// inventory is what an installation has in an account and region, as AWS's tagging API
// listed it.
type inventory struct {
	installation string
	types        map[string]bool // that were asked for
	listed       map[string]bool // ids, and ARNs of what has no other id
	taken        time.Time
}

// audit holds the last roll of a session. One caller at a time may ask for another.
type sharedInventory struct {
	turn chan struct{}
	roll inventory
}

// Missing returns which of these ids of an installation's own things are not on its
// roll: the list of everything that carries its tag, asked for once for all
// clusters of the account and region. The ids are those of a ledger; of what AWS
// does not list (roles, instance profiles, auto scaling groups, DNS, and keys
// that are no id of a thing), nothing is said.
//
// To be missing is a reason to look and no proof: a new thing is listed late. Nor
// is it proof of anything to be listed, since AWS goes on listing for a while
// what is no more. A roll is at most ten minutes old.
func (s *Session) Missing(ctx context.Context, installation string, ids []string) ([]string, error) {
	select {
	case s.call.turn <- struct{}{}:
		defer func() { <-s.call.turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the roll call: %w", context.Cause(ctx))
	}
	if err := s.call.renew(ctx, s.Config, installation, typesOf(ids)); err != nil {
		return nil, fmt.Errorf("call the roll: %w", err)
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return resourceType(id) == "" || s.call.roll.listed[id] }), nil
}

// Missing returns which of these ids of things in an account and region AWS does
// not list as the installation's; see [Session.Missing].
func (c *Pool) Missing(ctx context.Context, account, region string, ids []string) ([]string, error) {
	session, err := c.Session(ctx, account, region)
	if err != nil {
		return nil, err
	}
	return session.Missing(ctx, c.options.Installation, ids)
}

// renew calls the roll if the last one is old or did not ask for all of the types.
// What one caller asked for is asked for again, so that callers with different
// things do not take turns in calling it.
func (c *sharedInventory) renew(ctx context.Context, config aws.Config, installation string, wanted map[string]bool) error {
	covered := func(t string) bool { return c.roll.types[t] }
	fresh := time.Since(c.roll.taken) < inventoryAge && c.roll.installation == installation
	if len(wanted) == 0 || fresh && !slices.ContainsFunc(slices.Collect(maps.Keys(wanted)), func(t string) bool { return !covered(t) }) {
		return nil
	}
	next := inventory{installation: installation, types: maps.Clone(wanted), listed: make(map[string]bool, len(c.roll.listed)), taken: time.Now()}
	maps.Copy(next.types, c.roll.types)
	pages := tagging.NewGetResourcesPaginator(tagging.NewFromConfig(config), &tagging.GetResourcesInput{
		TagFilters:          []types.TagFilter{{Key: aws.String(TagInstallation), Values: []string{installation}}},
		ResourceTypeFilters: slices.Sorted(maps.Keys(next.types)),
		ResourcesPerPage:    aws.Int32(100),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, resource := range page.ResourceTagMappingList {
			next.listed[idOf(aws.ToString(resource.ResourceARN))] = true
		}
	}
	c.roll = next
	return nil
}

// idOf is the id in the ARN of a thing of EC2, and the ARN of any other.
func idOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 4); len(parts) == 4 && parts[2] == "ec2" {
		return arn[strings.LastIndexByte(arn, '/')+1:]
	}
	return arn
}

var (
	idOfEC2  = regexp.MustCompile(`^([a-z]+)-[0-9a-f]{8,17}$`)
	arnOfELB = regexp.MustCompile(`^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:(loadbalancer|targetgroup|listener)/[^:]+$`)
)

// ec2Types are the resource types of EC2 by the prefix of their ids.
var ec2Types = map[string]string{
	"eipalloc": "elastic-ip", "eni": "network-interface", "i": "instance", "igw": "internet-gateway", "lt": "launch-template",
	"nat": "natgateway", "rtb": "route-table", "sg": "security-group", "subnet": "subnet", "vol": "volume", "vpc": "vpc", "vpce": "vpc-endpoint",
}

// resourceType is the type as which AWS lists what has this id, or "" if it does not.
// https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
func resourceType(id string) string {
	if match := idOfEC2.FindStringSubmatch(id); match != nil && ec2Types[match[1]] != "" {
		return "ec2:" + ec2Types[match[1]]
	}
	if match := arnOfELB.FindStringSubmatch(id); match != nil {
		return "elasticloadbalancing:" + match[1]
	}
	return ""
}

func typesOf(ids []string) map[string]bool {
	all := make(map[string]bool)
	for _, id := range ids {
		if t := resourceType(id); t != "" {
			all[t] = true
		}
	}
	return all
}
