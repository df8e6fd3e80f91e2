"""Life of a hotspot: states with hysteresis, what people decided, splits and merges."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')

# column → what a hotspot kept before this migration gets
_REQUIRED = (
    (sa.Column('version', sa.Integer()), '1'),
    (sa.Column('status_since', sa.DateTime(timezone=True)), 'first_seen_at'),
    (sa.Column('status_observed', sa.Integer()), 'observed'),
    (sa.Column('began_at', sa.DateTime(timezone=True)), 'first_seen_at'),
    (sa.Column('bursting_at', sa.DateTime(timezone=True)), 'last_seen_at'),
    (sa.Column('announced', sa.Boolean()), 'active'),
    (sa.Column('gate', JSON), "'{}'"),
    (sa.Column('verdict_note', sa.Text()), "''"),
    (sa.Column('verdict_by', sa.String(length=64)), "''"),
    (sa.Column('acknowledged_by', sa.String(length=64)), "''"),
    (sa.Column('suppressed_why', sa.Text()), "''"),
)
_OPTIONAL = (
    sa.Column('leaning', sa.String(length=16)),
    sa.Column('leaning_since', sa.DateTime(timezone=True)),
    sa.Column('verdict', sa.String(length=16)),
    sa.Column('verdict_at', sa.DateTime(timezone=True)),
    sa.Column('verdict_observed', sa.Integer()),
    sa.Column('acknowledged_at', sa.DateTime(timezone=True)),
    sa.Column('suppressed_until', sa.DateTime(timezone=True)),
    sa.Column('unit_id', sa.Integer()),
)


def upgrade() -> None:
    with op.batch_alter_table('hotspot', schema=None) as batch_op:
        for column, _ in _REQUIRED:
            batch_op.add_column(sa.Column(column.name, column.type, nullable=True))
        for column in _OPTIONAL:
            batch_op.add_column(sa.Column(column.name, column.type, nullable=True))
    told = ', '.join(f'{column.name} = {value}' for column, value in _REQUIRED)
    op.execute(f'UPDATE hotspot SET {told}')  # noqa: S608 - names and values stand above
    with op.batch_alter_table('hotspot', schema=None) as batch_op:
        for column, _ in _REQUIRED:
            batch_op.alter_column(column.name, existing_type=column.type, nullable=False)
        batch_op.create_index(batch_op.f('ix_hotspot_verdict'), ['verdict'], unique=False)
        batch_op.create_foreign_key(
            batch_op.f('fk_hotspot_unit_id_handling_unit'), 'handling_unit', ['unit_id'], ['id']
        )

    with op.batch_alter_table('hotspot_member', schema=None) as batch_op:
        batch_op.add_column(sa.Column('current', sa.Boolean(), nullable=True))
    op.execute('UPDATE hotspot_member SET current = (1 = 1)')
    with op.batch_alter_table('hotspot_member', schema=None) as batch_op:
        batch_op.alter_column('current', existing_type=sa.Boolean(), nullable=False)

    op.create_table('hotspot_event',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('hotspot_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('action', sa.String(length=16), nullable=False),
    sa.Column('from_status', sa.String(length=16), nullable=True),
    sa.Column('to_status', sa.String(length=16), nullable=False),
    sa.Column('observed', sa.Integer(), nullable=False),
    sa.Column('expected', sa.Float(), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor_name', sa.String(length=64), nullable=False),
    sa.Column('actor_role', sa.String(length=32), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('data', JSON, nullable=False),
    sa.ForeignKeyConstraint(['hotspot_id'], ['hotspot.id'], name=op.f('fk_hotspot_event_hotspot_id_hotspot')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hotspot_event'))
    )
    with op.batch_alter_table('hotspot_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_hotspot_event_hotspot_id'), ['hotspot_id'], unique=False)

    op.create_table('hotspot_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('from_id', sa.Integer(), nullable=False),
    sa.Column('to_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['from_id'], ['hotspot.id'], name=op.f('fk_hotspot_link_from_id_hotspot')),
    sa.ForeignKeyConstraint(['to_id'], ['hotspot.id'], name=op.f('fk_hotspot_link_to_id_hotspot')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hotspot_link')),
    sa.UniqueConstraint('from_id', 'to_id', 'kind', name=op.f('uq_hotspot_link_from_id_to_id_kind'))
    )
    with op.batch_alter_table('hotspot_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_hotspot_link_to_id'), ['to_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('hotspot_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_hotspot_link_to_id'))
    op.drop_table('hotspot_link')
    with op.batch_alter_table('hotspot_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_hotspot_event_hotspot_id'))
    op.drop_table('hotspot_event')

    with op.batch_alter_table('hotspot_member', schema=None) as batch_op:
        batch_op.drop_column('current')
    with op.batch_alter_table('hotspot', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_hotspot_unit_id_handling_unit'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_hotspot_verdict'))
        for column in (*_OPTIONAL, *(required for required, _ in _REQUIRED)):
            batch_op.drop_column(column.name)
