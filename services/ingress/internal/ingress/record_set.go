package ingress

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// findRecordSet returns what a zone holds under a name and type, or nil.
func findRecordSet(ctx context.Context, api Route53, zone, name string, kind types.RRType) (*types.ResourceRecordSet, error) {
	out, err := api.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{
		HostedZoneId: aws.String(zone), StartRecordName: aws.String(name), StartRecordType: kind, MaxItems: aws.Int32(1),
	})
	if err != nil {
		return nil, err
	}
	for _, set := range out.ResourceRecordSets {
		if plainName(aws.ToString(set.Name)) == name && set.Type == kind {
			return &set, nil
		}
	}
	return nil, nil
}

// changeRecordSet makes one change to a zone. That it has spread to all name
// servers is not waited for. A zone takes one change at a time; the next is
// refused as a matter of rate, and made again.
func changeRecordSet(ctx context.Context, api Route53, zone string, action types.ChangeAction, set *types.ResourceRecordSet) error {
	_, err := api.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: aws.String(zone),
		ChangeBatch:  &types.ChangeBatch{Changes: []types.Change{{Action: action, ResourceRecordSet: set}}},
	})
	return err
}

// notAsSaid is how Route 53 refuses to make a record that is there, or to delete one
// that is not, or that says something else.
const notAsSaid = "InvalidChangeBatch"

// nameServers lists name servers as the attribute of a zone holds them.
func nameServers(names []string) string {
	plain := make([]string, 0, len(names))
	for _, name := range names {
		plain = append(plain, plainName(name))
	}
	slices.Sort(plain)
	return strings.Join(plain, ",")
}
