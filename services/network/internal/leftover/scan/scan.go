// Package scan reads from AWS what other creators left in a VPC, and what carries the tags
// of a cluster. It changes nothing and judges nothing: package judge turns a Snapshot into findings.
//
// Every function is safe for concurrent use. An error of one read fails the scan, so that
// a Snapshot is always complete.
//
// Only the packages below services/network/internal/leftover import it.
package scan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/services/network/internal/leftover/ownership"
)

// Target is the VPC to scan, and what Skep knows about it.
type Target struct {
	// Cluster is the cluster whose leftovers the scan finds.
	Cluster ownership.Cluster
	// VPC is the id of the VPC.
	VPC string
	// Known reports whether the ledger of the network has an entry with this id.
	Known func(id string) bool
	// InUse reports that other services still have resources of the cluster, so that a
	// resource that Skep created is not a leftover.
	InUse bool
	// DeleteVolumes deletes the volumes of pods. By default they are kept, because they hold data.
	DeleteVolumes bool
}

// Accounts reports whether Skep has this resource in a ledger: in that of the network, or,
// while the network is in use, in that of another service.
func (t Target) Accounts(id string, tags ownership.Tags) bool {
	return t.Known(id) || t.InUse && t.Cluster.CreatedBySkep(tags)
}

// Scanner reads one VPC.
type Scanner struct {
	AWS
	Target
}

// QuickScan reports whether leftovers of the cluster may block the delete of the VPC. It
// makes one call, because nearly every leftover that blocks has a network interface. The
// others, such as a security group without an interface, and the foreign resources make AWS refuse
// the delete, which starts a Scan. ScanBeyondVPC finds the leftovers that block nothing.
func (s *Scanner) QuickScan(ctx context.Context) (bool, error) {
	interfaces, err := s.interfaces(ctx)
	return slices.ContainsFunc(interfaces, s.suspicious), err
}

// suspicious reports whether a network interface may belong to a leftover.
func (s *Scanner) suspicious(i types.NetworkInterface) bool {
	tags := ownership.EC2Tags(i.TagSet)
	if IsNAT(i) || s.Accounts(aws.ToString(i.NetworkInterfaceId), tags) {
		return false
	}
	return aws.ToBool(i.RequesterManaged) || s.Cluster.Owns(tags) || i.Attachment != nil && i.Attachment.InstanceId != nil
}

// IsNAT reports whether a network interface belongs to a NAT gateway. Its gateway is
// judged in its place.
func IsNAT(i types.NetworkInterface) bool {
	return i.InterfaceType == types.NetworkInterfaceTypeNatGateway ||
		strings.HasPrefix(aws.ToString(i.Description), "Interface for NAT Gateway ")
}

func (s *Scanner) interfaces(ctx context.Context) (found []types.NetworkInterface, err error) {
	err = pages(ctx, ec2.NewDescribeNetworkInterfacesPaginator(s.EC2, &ec2.DescribeNetworkInterfacesInput{Filters: s.inVPC("vpc-id")}),
		func(out *ec2.DescribeNetworkInterfacesOutput) { found = append(found, out.NetworkInterfaces...) })
	return found, wrap("list network interfaces", err)
}

// inVPC is a filter of EC2 for the VPC.
func (s *Scanner) inVPC(filter string) []types.Filter {
	return []types.Filter{{Name: aws.String(filter), Values: []string{s.VPC}}}
}

// pager is a paginator of the SDK, which has one for each operation.
type pager[Out, Options any] interface {
	HasMorePages() bool
	NextPage(ctx context.Context, options ...func(*Options)) (*Out, error)
}

// pages calls take with every page.
func pages[Out, Options any](ctx context.Context, p pager[Out, Options], take func(*Out)) error {
	for p.HasMorePages() {
		out, err := p.NextPage(ctx)
		if err != nil {
			return err
		}
		take(out)
	}
	return nil
}

// parallel runs the calls at once and returns all their errors.
func parallel(calls ...func() error) error {
	errs := make([]error, len(calls))
	var wg sync.WaitGroup
	for i, call := range calls {
		wg.Go(func() { errs[i] = call() })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func wrap(operation string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return nil
}
