package vpc

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

func handleVpcCidrBlock(s *engine.Service) {
	engine.Handle(s, "AssociateVpcCidrBlock", engine.Fields{"VpcId", "CidrBlock"}, associateVpcCidrBlock)
	engine.Handle(s, "DisassociateVpcCidrBlock", engine.Fields{"AssociationId"}, disassociateVpcCidrBlock)
}

// associateVpcCidrBlock adds an address range to a VPC.
// https://docs.aws.amazon.com/vpc/latest/userguide/add-ipv4-cidr.html
func associateVpcCidrBlock(c *engine.Call, in *ec2.AssociateVpcCidrBlockInput) (*ec2.AssociateVpcCidrBlockOutput, error) {
	r, err := VPCs.Get(c, in.VpcId)
	if err != nil {
		return nil, err
	}
	prefix, err := vpcRange(in.CidrBlock)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(r.Data.Blocks, func(b CIDRBlock) bool { return b.Prefix.Overlaps(prefix) }) {
		return nil, engine.Refuse("InvalidVpc.Range", "The CIDR '%s' conflicts with another CIDR of the VPC.", prefix)
	}
	if err := c.CheckQuota("CidrBlocksPerVpc", len(r.Data.Blocks), "VpcCidrLimitExceeded", "This network '%s' has met its maximum number of allowed CIDRs", r.ID); err != nil {
		return nil, err
	}
	b := CIDRBlock{"vpc-cidr-assoc-0" + c.NextSerial("block", 16), prefix}
	r.Data.Blocks = append(r.Data.Blocks, b)
	VPCs.Put(c, r)
	return &ec2.AssociateVpcCidrBlockOutput{VpcId: in.VpcId, CidrBlockAssociation: new(showBlock(b))}, nil
}

func disassociateVpcCidrBlock(c *engine.Call, in *ec2.DisassociateVpcCidrBlockInput) (*ec2.DisassociateVpcCidrBlockOutput, error) {
	for _, r := range VPCs.List(c) {
		i := slices.IndexFunc(r.Data.Blocks, func(b CIDRBlock) bool { return b.ID == aws.ToString(in.AssociationId) })
		if i < 0 {
			continue
		}
		if i == 0 {
			return nil, engine.Refuse("OperationNotPermitted", "The vpc CIDR block with association ID %s may not be disassociated. It is the primary IPv4 CIDR block of the VPC", r.Data.Blocks[i].ID)
		}
		gone := r.Data.Blocks[i]
		for _, s := range Subnets.OwnedBy(c, r.ID) {
			if within(s.Data.Prefix, gone.Prefix) {
				return nil, engine.Refuse("InvalidCidrBlock.InUse", "The CIDR block %s has dependencies", gone.Prefix)
			}
		}
		r.Data.Blocks = slices.Delete(r.Data.Blocks, i, i+1)
		VPCs.Put(c, r)
		shown := showBlock(gone)
		shown.CidrBlockState.State = types.VpcCidrBlockStateCodeDisassociating
		return &ec2.DisassociateVpcCidrBlockOutput{VpcId: aws.String(r.ID), CidrBlockAssociation: &shown}, nil
	}
	return nil, engine.Refuse("InvalidVpcCidrBlockAssociationID.NotFound", "The vpc CIDR block association ID '%s' does not exist", aws.ToString(in.AssociationId))
}
