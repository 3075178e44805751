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

// inventoryAge is the time for which one inventory is valid. All clusters that ask within this time share one list; a
// resource that is deleted by hand shows up as missing in the next one.
const inventoryAge = 10 * time.Minute

// inventory is the list of the resources of an installation in one account and region, as the tagging API of AWS
// returns it.
type inventory struct {
	installation string
	types        map[string]bool // the requested resource types
	listed       map[string]bool // ids; ARNs of resources without another id
	taken        time.Time
}

// sharedInventory holds the last inventory of a session. turn admits one caller at a time, which may renew it.
type sharedInventory struct {
	turn chan struct{}
	last inventory
}

// Missing returns those of ids that the inventory of the installation does not list. The inventory is one list of all
// resources with the tag of the installation, shared by all clusters of the account and region, and at most ten
// minutes old. The ids come from a ledger. Resources that AWS does not list (roles, instance profiles, auto scaling
// groups, DNS records, and keys that are no resource id) are never missing.
//
// Missing is a reason to observe the resource and no proof: AWS lists a new resource late. A listed resource may be
// deleted already, because AWS lists deleted resources for a while.
func (s *Session) Missing(ctx context.Context, installation string, ids []string) ([]string, error) {
	select {
	case s.inventory.turn <- struct{}{}:
		defer func() { <-s.inventory.turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the inventory audit: %w", context.Cause(ctx))
	}
	if err := s.inventory.renew(ctx, s.Config, installation, typesOf(ids)); err != nil {
		return nil, fmt.Errorf("list the inventory: %w", err)
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return resourceType(id) == "" || s.inventory.last.listed[id] }), nil
}

// Missing returns those of ids that AWS does not list in the account and region; see [Session.Missing].
func (p *Pool) Missing(ctx context.Context, account, region string, ids []string) ([]string, error) {
	session, err := p.Session(ctx, account, region)
	if err != nil {
		return nil, err
	}
	return session.Missing(ctx, p.options.Installation, ids)
}

// renew lists the resources again if the last inventory is too old or lacks one of the types. It also requests all
// types of earlier callers, so that callers with different types do not renew the inventory in turn.
func (i *sharedInventory) renew(ctx context.Context, config aws.Config, installation string, resourceTypes map[string]bool) error {
	covered := func(t string) bool { return i.last.types[t] }
	fresh := time.Since(i.last.taken) < inventoryAge && i.last.installation == installation
	if len(resourceTypes) == 0 || fresh && !slices.ContainsFunc(slices.Collect(maps.Keys(resourceTypes)), func(t string) bool { return !covered(t) }) {
		return nil
	}
	next := inventory{installation: installation, types: maps.Clone(resourceTypes), listed: make(map[string]bool, len(i.last.listed)), taken: time.Now()}
	maps.Copy(next.types, i.last.types)
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
	i.last = next
	return nil
}

// idOf returns the resource id in an ARN of EC2, and any other ARN unchanged.
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

// ec2Types maps the prefix of an EC2 id to the resource type in the tagging API.
var ec2Types = map[string]string{
	"eipalloc": "elastic-ip", "eni": "network-interface", "i": "instance", "igw": "internet-gateway", "lt": "launch-template",
	"nat": "natgateway", "rtb": "route-table", "sg": "security-group", "subnet": "subnet", "vol": "volume", "vpc": "vpc", "vpce": "vpc-endpoint",
}

// resourceType returns the type under which the tagging API lists the resource with this id, or "" if it does not
// list it.
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
