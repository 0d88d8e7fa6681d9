# HTTP/1.1 on the wire: no sockets, no TLS. A library of its own, since the fuzz targets and the
# plain-HTTP side need nothing else of the room.
add_library(postern_http STATIC
  http_chunk_reader.cpp http_head.cpp http_message.cpp http_request_reader.cpp http_reserved_fields.cpp
  http_response_reader.cpp http_rules.cpp http_target.cpp http_writer.cpp)
target_include_directories(postern_http PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/sdk/include)
target_link_libraries(postern_http PUBLIC postern_base
  PRIVATE postern_build_options Boost::headers Threads::Threads)
