// Package machine holds what the services build alike for the machines of a cluster: the choice of the image, the
// root volume, and the request, the lookup, the state, the drift and the termination of an instance. Terminate alone
// changes AWS. Services import it.
package machine

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/platform/callcontext"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// Flatcar Container Linux is the operating system of every machine without an image_id: its publisher and the names
// of its stable images. See https://www.flatcar.org/docs/latest/installing/cloud/aws-ec2/.
const (
	flatcarOwner = "075585003325"
	flatcarName  = "Flatcar-stable-*"
)

// RootDevice is the device that Flatcar boots from. An encrypted root volume must be declared under the device name
// of the image.
const RootDevice = "/dev/xvda"

// graviton matches the instance types with an AWS Graviton processor: a `g` after the generation, as in `m7g` or
// `c7gn`, and the first of them, `a1`.
var graviton = regexp.MustCompile(`^([a-z]+[0-9]+[a-z]*g[a-z]*|a1)\.`)

// Architecture returns the processor architecture of an instance type, derived from its name.
func Architecture(instanceType string) types.ArchitectureValues {
	if graviton.MatchString(instanceType) {
		return types.ArchitectureValuesArm64
	}
	return types.ArchitectureValuesX8664
}

// imagePatience is the time that a choice waits for other choices of the same image. It costs little, because machines
// wait minutes for their network.
const imagePatience = 100 * time.Millisecond

// ChooseImage returns the image that machines of an instance type boot: the declared image if it is not "", otherwise
// the newest stable Flatcar image of the region. A declared image that does not exist or cannot boot them is a fault.
func ChooseImage(ctx context.Context, api ec2.DescribeImagesAPIClient, declared, instanceType string) (string, error) {
	if declared != "" {
		return declared, checkImage(ctx, api, declared, instanceType)
	}
	architecture := Architecture(instanceType)
	// The objects of a cluster are created at once, and choose the same image.
	ctx = callcontext.Update(ctx, func(c *callcontext.Call) { c.Patience = imagePatience })
	out, err := api.DescribeImages(ctx, &ec2.DescribeImagesInput{Owners: []string{flatcarOwner}, Filters: []types.Filter{
		{Name: aws.String("name"), Values: []string{flatcarName}},
		{Name: aws.String("architecture"), Values: []string{string(architecture)}},
		{Name: aws.String("virtualization-type"), Values: []string{string(types.VirtualizationTypeHvm)}},
		{Name: aws.String("root-device-name"), Values: []string{RootDevice}},
		{Name: aws.String("state"), Values: []string{string(types.ImageStateAvailable)}},
	}})
	if err != nil {
		return "", fmt.Errorf("choose image: %w", err)
	}
	var newest types.Image
	for _, image := range out.Images {
		// The dates are ISO 8601 in UTC, so their lexical order is their order in time.
		if aws.ToString(image.CreationDate) > aws.ToString(newest.CreationDate) {
			newest = image
		}
	}
	if newest.ImageId == nil {
		return "", &fault.Fault{Kind: fault.Precondition, Class: fault.Configuration,
			Message: fmt.Sprintf("the region has no stable Flatcar image for %s", architecture),
			Remedy:  "Set image_id, or choose another instance type or region."}
	}
	return aws.ToString(newest.ImageId), nil
}

func checkImage(ctx context.Context, api ec2.DescribeImagesAPIClient, id, instanceType string) error {
	out, err := api.DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: []string{id}})
	if err != nil && !errorclass.IsNotFound(err) {
		return fmt.Errorf("check image: %w", err)
	}
	bad := func(format string, args ...any) error {
		return fault.InvalidFields(fault.Field{Path: "spec.imageId", Message: fmt.Sprintf(format, args...)})
	}
	switch {
	case err != nil || len(out.Images) == 0:
		return bad("image %s does not exist in this region, or this account has no access to it", id)
	case out.Images[0].Architecture != Architecture(instanceType):
		return bad("image %s is for %s, instance type %s is not", id, out.Images[0].Architecture, instanceType)
	case aws.ToString(out.Images[0].RootDeviceName) != RootDevice:
		return bad("image %s boots from %s; only images that boot from %s get an encrypted root volume",
			id, aws.ToString(out.Images[0].RootDeviceName), RootDevice)
	}
	return nil
}
