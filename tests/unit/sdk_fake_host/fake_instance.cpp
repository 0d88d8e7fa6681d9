#include "tests/unit/sdk_fake_host/fake_instance.h"

#include <stdexcept>

namespace postern::fake {

FakeInstance::FakeInstance(FakeHost& host, const postern_module* module) {
    instance_.struct_size = sizeof instance_;
    if (module == nullptr || module->count != 1 ||
        module->create(host.handle(), module->describe(0)->id, &instance_) != POSTERN_OK) {
        throw std::runtime_error("the plugin could not be created");
    }
}

FakeInstance::~FakeInstance() {
    instance_.drain(instance_.self);
    instance_.destroy(instance_.self);
}

postern_rc FakeInstance::configure(FakeNode root) {
    root_ = std::make_unique<FakeNode>(std::move(root));
    return instance_.configure(instance_.self, root_->handle());
}

std::string FakeInstance::first_error() const {
    const std::vector<std::string> errors = root_->errors();
    return errors.empty() ? std::string() : errors.front();
}

std::array<std::uint8_t, 32> FakeInstance::policy_digest() const {
    std::array<std::uint8_t, 32> out{};
    if (instance_.policy_digest == nullptr ||
        instance_.policy_digest(instance_.self, out.data()) != POSTERN_OK) {
        throw std::runtime_error("the plugin has no policy digest");
    }
    return out;
}

postern_call FakeInstance::make_call(std::uint32_t flags) {
    postern_call call{};
    call.struct_size = sizeof call;
    call.flags = flags;
    call.op = next_op_++;
    call.deadline_ns = UINT64_MAX;
    call.conn = (flags & POSTERN_CALL_REVIEW) != 0 ? 0 : 1;
    call.peer.family = POSTERN_AF_INET;
    call.slot = (flags & POSTERN_CALL_REVIEW) != 0 ? nullptr : &slot_;
    return call;
}

Answer FakeInstance::read(postern_rc rc, const postern_verdict& verdict) {
    Answer out;
    out.rc = rc;
    if (rc != POSTERN_OK) return out;
    out.action = verdict.action;
    out.reason = verdict.reason;
    out.delay_ns = verdict.delay_ns;
    out.detail.assign(verdict.detail.data == nullptr ? "" : verdict.detail.data,
                      verdict.detail.size);
    out.facts.assign(verdict.facts, verdict.facts + verdict.fact_count);
    return out;
}

}  // namespace postern::fake
