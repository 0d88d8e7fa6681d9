#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "tests/unit/sdk_fake_host/fake_host.h"
#include "tests/unit/sdk_fake_host/fake_node.h"

namespace postern::fake {

// What a hook answered, copied out of the ABI's verdict.
struct Answer {
    postern_rc rc = POSTERN_OK;
    std::uint32_t action = POSTERN_ACTION_ABSTAIN;
    std::uint32_t reason = POSTERN_REASON_NONE;
    std::uint64_t delay_ns = 0;
    std::string detail;
    std::vector<postern_rev_entry> facts;
};

// One instance of a module's only plugin, driven through the ABI as the host does it.
class FakeInstance {
public:
    FakeInstance(FakeHost& host, const postern_module* module);
    FakeInstance(const FakeInstance&) = delete;
    FakeInstance& operator=(const FakeInstance&) = delete;
    ~FakeInstance();  // drains and destroys

    [[nodiscard]] postern_rc configure(FakeNode root);  // a table
    [[nodiscard]] postern_rc start() { return instance_.start(instance_.self); }
    void drain() { instance_.drain(instance_.self); }
    // Of the configuration; empty if nothing was said.
    [[nodiscard]] std::string first_error() const;
    [[nodiscard]] const FakeNode& configuration() const { return *root_; }
    [[nodiscard]] std::array<std::uint8_t, 32> policy_digest() const;

    template <class Table>
    const Table& interface(const char* id) const {
        return *static_cast<const Table*>(instance_.get_interface(instance_.self, id));
    }
    [[nodiscard]] void* self() const { return instance_.self; }

    // `hook` is called with self, a call and a verdict; its own inputs are its caller's to bind.
    template <class Hook>
    Answer ask(std::uint32_t flags, Hook&& hook) {
        postern_call call = make_call(flags);
        postern_verdict verdict{};
        verdict.struct_size = sizeof verdict;
        const postern_rc rc = hook(self(), &call, &verdict);
        return read(rc, verdict);
    }

private:
    postern_call make_call(std::uint32_t flags);
    static Answer read(postern_rc rc, const postern_verdict& verdict);

    postern_instance instance_{};
    std::unique_ptr<FakeNode> root_;
    postern_op next_op_ = 1;
    void* slot_ = nullptr;
};

}  // namespace postern::fake
