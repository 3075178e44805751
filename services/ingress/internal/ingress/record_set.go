package ingress

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// findRecordSet returns the record set of a zone with this name and type, or nil.
func findRecordSet(ctx context.Context, api Route53, zone, name string, recordType types.RRType) (*types.ResourceRecordSet, error) {
	out, err := api.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{
		HostedZoneId: aws.String(zone), StartRecordName: aws.String(name), StartRecordType: recordType, MaxItems: aws.Int32(1),
	})
	if err != nil {
		return nil, err
	}
	for _, set := range out.ResourceRecordSets {
		if plainName(aws.ToString(set.Name)) == name && set.Type == recordType {
			return &set, nil
		}
	}
	return nil, nil
}

// changeRecordSet makes one change to a zone. It does not wait until all name servers have the change. Route 53
// accepts one change of a zone at a time: it throttles a concurrent one, which Skep retries.
func changeRecordSet(ctx context.Context, api Route53, zone string, action types.ChangeAction, set *types.ResourceRecordSet) error {
	_, err := api.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: aws.String(zone),
		ChangeBatch:  &types.ChangeBatch{Changes: []types.Change{{Action: action, ResourceRecordSet: set}}},
	})
	return err
}

// recordMismatch is the error code of Route 53 for the create of a record that exists, and for the delete of a
// record that is absent or has other values.
const recordMismatch = "InvalidChangeBatch"

// nameServers returns names in the form of the attribute NameServers.
func nameServers(names []string) string {
	plain := make([]string, 0, len(names))
	for _, name := range names {
		plain = append(plain, plainName(name))
	}
	slices.Sort(plain)
	return strings.Join(plain, ",")
}
