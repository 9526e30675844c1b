// SPDX-License-Identifier: GPL-2.0
/*
 * Device nodes: /dev/bpfsched/<scheduler>, and the files that are open on
 * them. An open file is a client.
 */
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/random.h>
#include <linux/slab.h>

#include <bpfsched/compat.h>

#include "client.h"
#include "control.h"
#include "device.h"
#include "ioctl.h"
#include "scheduler.h"
#include "sysfs.h"

/* All that fit into a device number. */
#define MINORS	(MINORMASK + 1)

/* The first minor number is that of the control node. */
#define CONTROL_MINOR	0

static struct cdev control_cdev;
static dev_t first_dev;
static struct class *node_class;

/*
 * The minor number that is given away next. None is given away twice: a node
 * that somebody has made by hand, in a container perhaps, must never lead to
 * another scheduler than it was made for. The numbers begin somewhere else each
 * time that the module is loaded.
 */
static DEFINE_MUTEX(minor_lock);
static unsigned int next_minor;

/* Whether nodes can be opened; set once, at the end of the module's start. */
static bool ready;

/**
 * struct bpfsched_node - the device node of a scheduler
 * @dev: the device; its last reference frees the node
 * @cdev: the character device
 * @sched: the scheduler, held
 */
struct bpfsched_node {
	struct device dev;
	struct cdev cdev;
	struct bpfsched *sched;
};

/**
 * bpfsched_device_set_ready() - let nodes be opened
 *
 * A module whose start fails is freed at once, whatever is open, so nothing may
 * be until that can no more happen.
 *
 * Context: module initialization, at its very end.
 */
void bpfsched_device_set_ready(void)
{
	WRITE_ONCE(ready, true);
}

/**
 * bpfsched_device_is_ready() - whether a node may be opened
 *
 * Context: any.
 */
bool bpfsched_device_is_ready(void)
{
	return READ_ONCE(ready);
}

static int node_open(struct inode *inode, struct file *file)
{
	struct bpfsched_node *node =
		container_of(inode->i_cdev, struct bpfsched_node, cdev);
	struct bpfsched_client *client;

	if (!bpfsched_device_is_ready())
		return -ENODEV;
	client = bpfsched_client_open(node->sched,
				      !(file->f_mode & FMODE_WRITE));
	if (IS_ERR(client))
		return PTR_ERR(client);
	file->private_data = client;
	return stream_open(inode, file);
}

static int node_release(struct inode *inode, struct file *file)
{
	bpfsched_client_close(file->private_data);
	return 0;
}

static ssize_t node_read(struct file *file, char __user *buf, size_t size,
			 loff_t *pos)
{
	return bpfsched_client_read(file->private_data, buf, size,
				    file->f_flags & O_NONBLOCK);
}

static __poll_t node_poll(struct file *file, poll_table *wait)
{
	struct bpfsched_client *client = file->private_data;
	__poll_t events = 0;

	poll_wait(file, &client->wait, wait);
	if (bpfsched_is_gone(client->sched))
		return EPOLLHUP | EPOLLERR;
	if (bpfsched_client_has_records(client))
		events |= EPOLLIN | EPOLLRDNORM;
	/* Who does not ask for it is not told of it. */
	if (!client->reader && (poll_requested_events(wait) & EPOLLOUT) &&
	    bpfsched_client_may_submit(client))
		events |= EPOLLOUT | EPOLLWRNORM;
	return events;
}

static const struct file_operations node_fops = {
	.owner = THIS_MODULE,
	.open = node_open,
	.release = node_release,
	.read = node_read,
	.poll = node_poll,
	.unlocked_ioctl = bpfsched_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static void node_free(struct device *dev)
{
	struct bpfsched_node *node =
		container_of(dev, struct bpfsched_node, dev);

	bpfsched_put(node->sched);
	kfree(node);
}

/*
 * Asked for when the node is made and when it is removed. An error is taken for
 * a name without a folder: the node would be somewhere else, or stay for the
 * next scheduler that gets its number. So a few bytes are waited for.
 */
static char *node_path(BPFSCHED_DEVNODE_CONST struct device *dev,
		       umode_t *mode)
{
	return kasprintf(GFP_KERNEL | __GFP_NOFAIL, "bpfsched/%s",
			 dev_name(dev));
}

/* A minor number that was not used yet, or -ENOSPC. */
static int new_minor(void)
{
	int minor = -ENOSPC;

	mutex_lock(&minor_lock);
	if (next_minor < MINORS)
		minor = next_minor++;
	mutex_unlock(&minor_lock);
	return minor;
}

/**
 * bpfsched_node_create() - make the device node of a scheduler
 * @sched: the scheduler
 *
 * Context: process, may sleep.
 * Return: the node, or an ERR_PTR(); -ENOSPC if all minor numbers were used.
 */
struct bpfsched_node *bpfsched_node_create(struct bpfsched *sched)
{
	struct bpfsched_node *node;
	int minor, err;

	node = kzalloc(sizeof(*node), GFP_KERNEL);
	if (!node)
		return ERR_PTR(-ENOMEM);
	minor = new_minor();
	if (minor < 0) {
		kfree(node);
		return ERR_PTR(minor);
	}

	/* From here on node_free() undoes what has been done. */
	bpfsched_get(sched);
	node->sched = sched;
	device_initialize(&node->dev);
	node->dev.class = node_class;
	node->dev.devt = MKDEV(MAJOR(first_dev), minor);
	node->dev.release = node_free;
	node->dev.groups = bpfsched_sysfs_groups;
	dev_set_drvdata(&node->dev, sched);
	cdev_init(&node->cdev, &node_fops);
	node->cdev.owner = THIS_MODULE;

	err = dev_set_name(&node->dev, "%s", sched->name);
	if (!err)
		err = cdev_device_add(&node->cdev, &node->dev);
	if (err) {
		put_device(&node->dev);
		return ERR_PTR(err);
	}
	return node;
}

/**
 * bpfsched_node_destroy() - remove a device node
 * @node: the node; no file is open on it
 *
 * Context: process, may sleep.
 */
void bpfsched_node_destroy(struct bpfsched_node *node)
{
	cdev_device_del(&node->cdev, &node->dev);
	put_device(&node->dev);
}

static int create_control(void)
{
	dev_t dev = MKDEV(MAJOR(first_dev), CONTROL_MINOR);
	struct device *device;
	int err;

	cdev_init(&control_cdev, &bpfsched_control_fops);
	control_cdev.owner = THIS_MODULE;
	err = cdev_add(&control_cdev, dev, 1);
	if (err)
		return err;
	device = device_create(node_class, NULL, dev, NULL, "control");
	if (IS_ERR(device)) {
		cdev_del(&control_cdev);
		return PTR_ERR(device);
	}
	return 0;
}

/**
 * bpfsched_device_init() - prepare for device nodes, once
 *
 * Context: module initialization.
 * Return: 0 or a negative errno.
 */
int bpfsched_device_init(void)
{
	int err;

	/* The second half is left, however the numbers begin. */
	next_minor = CONTROL_MINOR + 1 + get_random_u32() % (MINORS / 2);
	err = alloc_chrdev_region(&first_dev, 0, MINORS, "bpfsched");
	if (err)
		return err;
	node_class = bpfsched_class_create("bpfsched");
	if (IS_ERR(node_class)) {
		unregister_chrdev_region(first_dev, MINORS);
		return PTR_ERR(node_class);
	}
	node_class->devnode = node_path;
	err = create_control();
	if (err) {
		class_destroy(node_class);
		unregister_chrdev_region(first_dev, MINORS);
	}
	return err;
}

/**
 * bpfsched_device_exit() - undo bpfsched_device_init()
 *
 * Context: module exit; no node is left.
 */
void bpfsched_device_exit(void)
{
	device_destroy(node_class, control_cdev.dev);
	cdev_del(&control_cdev);
	class_destroy(node_class);
	unregister_chrdev_region(first_dev, MINORS);
}
