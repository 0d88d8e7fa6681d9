#pragma once

#include <memory>

#include "core/net/connection.h"

namespace postern::net {

// Counts how deep the stack is inside a connection; the outermost one settles. For the connection's
// own files only.
class Connection::Turn {
public:
    explicit Turn(Connection& connection) : connection_(connection.shared_from_this()) {
        ++connection_->depth_;
    }
    ~Turn() {
        if (--connection_->depth_ == 0) connection_->end_turn();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

private:
    std::shared_ptr<Connection> connection_;
};

}  // namespace postern::net
